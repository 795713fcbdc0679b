"""The three forms by which a diploma is checked. They work without script."""

from collections.abc import Mapping
from html import escape

from graph.text import Language, Text
from resolvers import uploads
from resolvers.verification import LONGEST_NAME
from resolvers.viewer_query import LONGEST_ORGANISATION
from server.pages import say

NOTHING_GIVEN: Mapping[str, str] = {}
MEGABYTES = uploads.LARGEST >> 20
ORGANISATION = Text("Votre organisme (facultatif)", "Your organisation (optional)")


def by_link(language: Language) -> str:
    """The form of a link: whoever has no script pastes it."""
    pasted = _field(
        "secret", "secret", Text("Lien reçu", "Link received"), language,
        hint=Text(
            "Celui que le titulaire vous a envoyé, ou du code imprimé sur l’attestation.",
            "The one that the holder sent you, or of the code that is printed on the attestation.",
        ),
        more='required autocomplete="off" spellcheck="false"',
    )  # fmt: skip
    return _form(
        "link", Text("Avec un lien", "With a link"), "/v",
        f'<div id="pasted">{pasted}</div>\n{_organisation("organisation", language)}',
        Text("Voir le diplôme", "See the diploma"), language,
    )  # fmt: skip


def by_key(language: Language, given: Mapping[str, str] = NOTHING_GIVEN) -> str:
    """The form of a control key and a name, with what was typed before."""
    key = _field(
        "key", "key", Text("Clé de contrôle", "Control key"), language, value=given.get("key", "")[:64],
        hint=Text("Huit caractères, par exemple ABCD-EFGH.", "Eight characters, for example ABCD-EFGH."),
        more='required maxlength="64" autocomplete="off" autocapitalize="characters" spellcheck="false" class="key"',
    )  # fmt: skip
    name = _field(
        "name", "name", Text("Nom de naissance du titulaire", "Birth name of the holder"), language,
        value=given.get("name", "")[:LONGEST_NAME],
        hint=Text("Accents, majuscules et traits d’union n’importent pas.", "Accents, capitals and hyphens do not matter."),
        more=f'required maxlength="{LONGEST_NAME}" autocomplete="off" spellcheck="false"',
    )  # fmt: skip
    organisation = _organisation("key-organisation", language, given.get("organisation", ""))
    return _form(
        "by-key", Text("Avec la clé de contrôle", "With the control key"), "/v/key", f"{key}\n{name}\n{organisation}",
        Text("Consulter le registre", "Ask the register"), language,
    )  # fmt: skip


def by_file(language: Language) -> str:
    """The form of a file."""
    file = _field(
        "file", "file", Text("Fichier de l’attestation", "File of the attestation"), language,
        hint=Text(
            f"Le PDF tel que vous l’avez reçu, {MEGABYTES} Mo au plus ; ni copie d’écran ni numérisation. Il n’est pas conservé.",
            f"The PDF as you received it, {MEGABYTES} MB at most; neither a screenshot nor a scan. It is not kept.",
        ),
        more='type="file" accept="application/pdf,.pdf" required',
    )  # fmt: skip
    return _form(
        "by-file", Text("Avec le fichier PDF", "With the PDF file"), "/v/file",
        f"{file}\n{_organisation('file-organisation', language)}",
        Text("Vérifier le fichier", "Check the file"), language, more=' enctype="multipart/form-data"',
    )  # fmt: skip


def _form(name: str, title: Text, action: str, fields: str, button: Text, language: Language, *, more: str = "") -> str:
    return (
        f'<section aria-labelledby="{name}">\n<h2 id="{name}">{escape(say(title, language))}</h2>\n'
        f'<form method="post" action="{action}"{more}>\n{fields}\n<p><button>{escape(say(button, language))}</button></p>\n'
        "</form>\n</section>"
    )


def _organisation(id_: str, language: Language, value: str = "") -> str:
    more = f'maxlength="{LONGEST_ORGANISATION}" autocomplete="organization"'
    return _field(id_, "organisation", ORGANISATION, language, value=value[:LONGEST_ORGANISATION], more=more)


def _field(
    id_: str, name: str, label: Text, language: Language, *, value: str = "", hint: Text | None = None, more: str = ""
) -> str:
    """A labelled field; what helps to fill it is read with it."""
    told = f'<span class="hint" id="{id_}-hint">{escape(say(hint, language))}</span>' if hint else ""
    described = f' aria-describedby="{id_}-hint"' if hint else ""
    filled = f' value="{escape(value)}"' if value else ""
    return (
        f'<p class="field"><label for="{id_}">{escape(say(label, language))}</label>{told}'
        f'<input id="{id_}" name="{name}"{filled}{described} {more}></p>'
    )
