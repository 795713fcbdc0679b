"""What a family prints besides the result: specialities, options, sections, the establishment's own titles."""

from random import Random

from population.places import School
from population.tables import Weighted, rows

SPECIALITIES_SINCE = 2021
OPTIONS = {
    "SECTION_EUROPEENNE": 0.06,
    "DNL_LV": 0.008,
    "MOBILITE_EUROPEENNE_INTERNATIONALE": 0.003,
    "SECTION_LANGUE_ORIENTALE": 0.001,
}
"""Share of bac candidates with each indication (estimated)."""
INTERNATIONAL, BFI_SINCE = 0.008, 2024
"""Share with an international option (estimated): OIB until 2023, BFI since 2024."""
LANGUAGES = ("anglais", "anglais", "anglais", "anglais", "espagnol", "allemand", "italien", "portugais", "chinois", "arabe")
BTS_OPTIONS = Weighted([("", 80.0), ("A", 11.0), ("B", 9.0)])


class Particulars:
    """Draws the printed cells of a family's lines at one session."""

    def __init__(self, family: str, year: int) -> None:
        self.family = family
        self.year = year
        self.specialities = Weighted((row["label"], float(row["weight"])) for row in rows("specialities"))
        self.degrees: dict[str, Weighted[tuple[str, str]]] = {}
        for diploma in {row["diploma"] for row in rows("degrees")}:
            own = [row for row in rows("degrees") if row["diploma"] == diploma]
            self.degrees[diploma] = Weighted(((row["subject"], row["course"]), float(row["weight"])) for row in own)

    def draw(self, series: str, school: School, chance: Random) -> dict[str, str]:
        """The printed cells of one candidate; the columns that it leaves out are empty."""
        match self.family:
            case "bac":
                return self.bac(series, chance)
            case "bts":
                return {"option": BTS_OPTIONS.draw(chance)}
            case "higher" if series in self.degrees:
                subject, course = self.degrees[series].draw(chance)
                return {"intitule": subject, "parcours": course, "etablissement_nom": school.name}
            case _:
                return {}

    def bac(self, series: str, chance: Random) -> dict[str, str]:
        """Specialities of the general bac since 2021, indications and the language of a section."""
        cells: dict[str, str] = {}
        if series == "BAC_GENERAL" and self.year >= SPECIALITIES_SINCE:
            first = second = self.specialities.draw(chance)
            while second == first:
                second = self.specialities.draw(chance)
            cells["specialites"] = f"{first}|{second}"
        luck, bound = chance.random(), 0.0
        international = "BFI" if self.year >= BFI_SINCE else "OIB"
        for option, share in (*OPTIONS.items(), (international, INTERNATIONAL if series == "BAC_GENERAL" else 0.0)):
            bound += share
            if luck < bound:
                cells["options"] = option
                if option != "MOBILITE_EUROPEENNE_INTERNATIONALE":
                    cells["langue_section"] = LANGUAGES[int(chance.random() * len(LANGUAGES))]
                break
        return cells
