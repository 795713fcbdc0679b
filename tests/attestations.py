"""Attestations of several families, their drafts, and the pictures and text of pages, for the tests of sealed documents."""

import io
import os
import shutil
import subprocess
from datetime import UTC, date, datetime
from functools import cache
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID

import pypdf
import pytest
from PIL import Image

from seal.attestation import Attestation, Issuer, Particular
from seal.draft import Draft
from seal.filling import fill
from seal.typesetting import Page

ISSUER = Issuer("Service interacadémique des examens et concours", "110043015", "NTRFR-110043015")
MENTION = Particular(
    "mention", "Mention", "Honours", "Très bien avec les félicitations du jury", "Highest honours, with the jury’s congratulations"
)
SPECIALITIES = (
    "Histoire-géographie, géopolitique et sciences politiques", "Humanités, littérature et philosophie",
    "Langues, littératures et cultures étrangères", "Numérique et sciences informatiques", "Sciences de la vie et de la Terre",
    "Sciences économiques et sociales", "Mathématiques", "Physique-chimie", "Arts", "Biologie-écologie", "Sciences de l’ingénieur",
    "Éducation physique, pratiques et culture sportives",
)  # fmt: skip


def attestation(**changes: Any) -> Attestation:
    """That of a baccalauréat, with these changes."""
    values: dict[str, Any] = {
        "id": UUID("0199c1f2-7c3e-7a41-9d6e-2f0b1c5a8e77"),
        "version": 2,
        "supersedes_version": 1,
        "issuer": ISSUER,
        "birth_name": "LE GOFF-DUBOIS",
        "given_names": ("Éléonore", "Marie", "Jeanne"),
        "birth_date": "2008-03-14",
        "birth_place": "Besançon (Doubs)",
        "birth_commune": "25056",
        "family": "bac",
        "family_label": "Baccalauréat",
        "title": "Baccalauréat général",
        "title_code": "47010019",
        "session": 2026,
        "awarded_on": date(2026, 7, 5),
        "academy": "03",
        "academy_name": "Besançon",
        "national_level": 4,
        "particulars": (
            MENTION,
            Particular("specialities", "Enseignements de spécialité", "Speciality subjects", "Mathématiques · Physique-chimie"),
        ),
        "issued_at": datetime(2026, 7, 10, 9, tzinfo=UTC),
        "control_key": "7KQM-4XRD",
        "link": "https://parchemin.example/v#AbCdEfGhIjKlMnOpQrStUv",
        "site": "parchemin.example/verifier",
        "salt": bytes(range(32)),
    }
    return Attestation(**{**values, **changes})


BREVET = attestation(
    family="dnb", family_label="Brevet", title="Diplôme national du brevet, série générale", birth_name="O’Brien", given_names=("Noé",),
    birth_date="2011-01-00", birth_place=None, birth_commune=None, birth_country="Irlande", birth_country_code="99136", particulars=(),
    national_level=None, awarded_on=None, version=1, supersedes_version=None,
)  # fmt: skip
BTS = attestation(
    family="bts", family_label="BTS", title="Brevet de technicien supérieur, spécialité Services informatiques aux organisations",
    birth_name="N’DIAYE", used_name="MARTIN-LEFÈVRE", given_names=("Aïssatou", "Fatou"), birth_date="2004-00-00",
    birth_place="Saint-Louis", birth_commune=None, birth_country="Sénégal", birth_country_code="99341", national_level=5,
    particulars=(
        Particular("option", "Option", "Option", "A – Solutions d’infrastructure, systèmes et réseaux", "A – Infrastructure and networks"),
    ),
)  # fmt: skip
LONGEST = attestation(
    birth_name="DE LA ROCHEFOUCAULD-MONTBAZON DU PLESSIS-BELLIÈRE VON HABSBURG-LOTHRINGEN ET DE CASTELNAU-TURENNE-ANJOU",
    used_name="DE LA ROCHEFOUCAULD-MONTBAZON DU PLESSIS-BELLIÈRE VON HABSBURG-LOTHRINGEN ET DE CASTELNAU-TURENNE-ANJOU",
    given_names=(
        "Marie-Antoinette-Joséphine", "Anne-Charlotte-Élisabeth", "Wilhelmine-Frédérique", "Marguerite-Bernardine",
        "Jeanne-Geneviève", "Rose-Hippolyte",
    ),
    birth_place="Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson (Marne)",
    title="Brevet de technicien supérieur, spécialité Conception et réalisation de systèmes automatiques et de maintenance des "
    "installations énergétiques et climatiques des bâtiments, option D Domotique et bâtiments",
    particulars=(
        MENTION,
        Particular("specialities", "Enseignements de spécialité", "Speciality subjects", " · ".join(SPECIALITIES)),
        Particular(
            "options", "Indications portées sur le diplôme", "Indications borne by the diploma",
            "Section européenne, anglais · Unité facultative de mobilité européenne et internationale", "European section, English",
        ),
    ),
    issuer=Issuer(
        "Service interacadémique des examens et concours des académies de Créteil, Paris et Versailles", "110043015", "NTRFR-110043015"
    ),
    site="https://registre-national-des-diplomes.parchemin.example/verifier-une-attestation",
)  # fmt: skip
SHAPES = {"baccalauréat": attestation(), "brevet": BREVET, "BTS": BTS, "longest values": LONGEST}


@cache
def page() -> Page:
    return Page.of()


@cache
def draft(shape: str) -> Draft:
    return fill(SHAPES[shape], page())


def text_of(pdf: bytes) -> str:
    """The text of the first page on one line, spaces all alike."""
    return " ".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def picture(pdf: bytes, dots: int) -> Image.Image:
    """The first page at so many dots per inch."""
    return Image.open(io.BytesIO(judged(pdf, "pdftoppm", "-r", str(dots), "-singlefile", "-png").stdout)).convert("RGB")


def judged(pdf: bytes, tool: str, *options: str) -> "subprocess.CompletedProcess[bytes]":
    """What a tool of the system makes of a file. Where it is missing the test is skipped, or fails when `CI` is set."""
    path = shutil.which(tool)
    if path is None:
        missing = f"this test wants {tool}: apt-get install --no-install-recommends poppler-utils qpdf"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    with NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        return subprocess.run([path, *options, file.name], capture_output=True, check=False, timeout=60)
