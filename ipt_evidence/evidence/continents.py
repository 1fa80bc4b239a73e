"""On which continent a country lies, and whether its income is high.

Continents are the regions of the United Nations' M49 standard; the Americas are split into North
America (Canada and the USA) and Latin America and the Caribbean. Incomes are the groups of the
World Bank for its fiscal year 2023 (from July 2022), as the help of the Stata package wbopendata
lists them on 24 January 2023: the income when a trial was made may have been lower. Names are
those that trial reports use, not only the official ones.
"""

from __future__ import annotations

__all__ = ["continent", "income"]

_COUNTRIES = {
    "Africa": (
        "Algeria, Angola, Benin, Botswana, Burkina Faso, Burundi, Cameroon, Congo, Egypt, "
        "Ethiopia, Gambia, Ghana, Kenya, Lesotho, Liberia, Libya, Madagascar, Malawi, Mali, "
        "Morocco, Mozambique, Namibia, Niger, Nigeria, Rwanda, Senegal, Sierra Leone, Somalia, "
        "South Africa, South Sudan, Sudan, Tanzania, Togo, Tunisia, Uganda, Zambia, Zimbabwe"
    ),
    "Asia": (
        "Afghanistan, Bangladesh, Cambodia, China, Cyprus, Georgia, Hong Kong, India, Indonesia, "
        "Iran, Iraq, Israel, Japan, Jordan, Kazakhstan, Kuwait, Lebanon, Malaysia, Mongolia, "
        "Myanmar, Nepal, Oman, Pakistan, Palestine, Philippines, Qatar, Saudi Arabia, Singapore, "
        "South Korea, Sri Lanka, Syria, Taiwan, Thailand, Turkey, Türkiye, "
        "United Arab Emirates, Uzbekistan, Vietnam, Yemen"
    ),
    "Europe": (
        "Albania, Austria, Belgium, Bosnia and Herzegovina, Bulgaria, Croatia, Czech Republic, "
        "Czechia, Denmark, England, Estonia, Finland, France, Germany, Greece, Hungary, Iceland, "
        "Ireland, Italy, Kosovo, Latvia, Lithuania, Luxembourg, Malta, Moldova, Netherlands, "
        "Norway, Poland, Portugal, Romania, Russia, Scotland, Serbia, Slovakia, Slovenia, Spain, "
        "Sweden, Switzerland, UK, Ukraine, United Kingdom, Wales"
    ),
    "Latin America and the Caribbean": (
        "Argentina, Bolivia, Brazil, Chile, Colombia, Costa Rica, Cuba, Dominican Republic, "
        "Ecuador, El Salvador, Guatemala, Haiti, Honduras, Jamaica, Mexico, Nicaragua, Panama, "
        "Paraguay, Peru, Puerto Rico, Trinidad and Tobago, Uruguay, Venezuela"
    ),
    "North America": "Canada, United States, United States of America, US, USA",
    "Oceania": "Australia, Fiji, New Zealand, Papua New Guinea, Samoa",
}
_CONTINENT = {
    country.casefold(): name
    for name, countries in _COUNTRIES.items()
    for country in countries.split(", ")
}


def continent(country: str) -> str | None:
    """Name the continent of ``country``; None when it is unknown or the countries named differ.

    Several countries are separated by ``/``: a trial in "Netherlands/Belgium" lies in Europe.
    """
    found = {_CONTINENT.get(part.strip().casefold()) for part in country.split("/")}
    return found.pop() if len(found) == 1 else None


_HIGH = (
    "Cyprus, Hong Kong, Israel, Japan, Kuwait, Oman, Qatar, Saudi Arabia, Singapore, South Korea, "
    "Taiwan, United Arab Emirates, "
    "Austria, Belgium, Croatia, Czech Republic, Czechia, Denmark, England, Estonia, Finland, "
    "France, Germany, Greece, Hungary, Iceland, Ireland, Italy, Latvia, Lithuania, Luxembourg, "
    "Malta, Netherlands, Norway, Poland, Portugal, Romania, Scotland, Slovakia, Slovenia, Spain, "
    "Sweden, Switzerland, UK, United Kingdom, Wales, "
    "Chile, Panama, Puerto Rico, Trinidad and Tobago, Uruguay, "
    "Canada, United States, United States of America, US, USA, Australia, New Zealand"
)
_INCOME = dict.fromkeys(_CONTINENT, "lmic")
_INCOME |= {country.casefold(): "high" for country in _HIGH.split(", ")}
del _INCOME["venezuela"]  # not classified then


def income(country: str) -> str | None:
    """``high`` or ``lmic`` (low or middle income); None when unknown or the countries differ."""
    found = {_INCOME.get(part.strip().casefold()) for part in country.split("/")}
    return found.pop() if len(found) == 1 else None
