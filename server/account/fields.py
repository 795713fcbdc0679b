"""The parts of a form: labelled fields with their errors beside them (WCAG 2.2, 1.3.5, 3.3.1 and 3.3.2)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape

from graph.text import Language, Text
from server.pages import say

Errors = Mapping[str, Text]
"""What is wrong with a form, by the name of the field; under no name, with the form as a whole."""

Control = Callable[[Mapping[str, str]], str]
"""Makes a control with the attributes that tie it to its hint and error."""


@dataclass(frozen=True)
class Field:
    """A field: its name, label, hint, and the attributes of its `input`. One that may be left empty says when, in its label."""

    name: str
    label: Text
    hint: Text | None = None
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    optional: Text | None = None


EMAIL = Field(
    "email", Text("Adresse électronique", "E-mail address"),
    attributes={"type": "email", "autocomplete": "username", "maxlength": "254", "spellcheck": "false", "autocapitalize": "none"},
)  # fmt: skip
PASSWORD = Field("password", Text("Mot de passe", "Password"), attributes={"type": "password", "autocomplete": "current-password"})
NEW_PASSWORD = Field(
    "new-password", Text("Nouveau mot de passe", "New password"),
    Text(
        "12 caractères au moins. Quatre mots sans rapport entre eux se retiennent bien.",
        "At least 12 characters. Four unrelated words are easy to remember.",
    ),
    {"type": "password", "autocomplete": "new-password"},
)  # fmt: skip
CODE = Field(
    "code", Text("Code", "Code"),
    attributes={
        "type": "text", "inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "20", "spellcheck": "false",
        "autocapitalize": "characters",
    },
)  # fmt: skip


def labelled(one: Field, language: Language, errors: Errors, value: str = "", prefix: str = "") -> str:
    """A field with its label, its hint, and its error if it has one."""
    said = {"value": value} if value else {}
    return _group(one, language, errors, prefix, lambda about: f"<input{_attributes(one, prefix, {**about, **said})}>")


def chosen(one: Field, language: Language, errors: Errors, options: Iterable[tuple[str, str]], value: str) -> str:
    """A list of which one is chosen."""
    listed = "".join(
        f'<option value="{escape(code)}"{" selected" if code == value else ""}>{escape(label)}</option>' for code, label in options
    )
    return _group(one, language, errors, "", lambda about: f"<select{_attributes(one, '', about)}>{listed}</select>")


def radios(one: Field, language: Language, errors: Errors, options: Iterable[tuple[str, Text]], value: str) -> str:
    """One of few, each with its own label."""
    listed = "".join(
        f'<label class="choice"><input type="radio" name="{one.name}" value="{code}" required{" checked" if code == value else ""}> '
        f"{escape(say(label, language))}</label>"
        for code, label in options
    )
    legend = f"<legend>{escape(say(one.label, language))}</legend>"
    return f'<fieldset class="field">{legend}{_error(one, language, errors, "")}{listed}</fieldset>\n'


def form(action: str, inside: str, submit: Text, language: Language, *, quiet: bool = False) -> str:
    """A form with its button; a `quiet` one is not what most people come for."""
    kind = ' class="quiet"' if quiet else ""
    button = f"<button{kind}>{escape(say(submit, language))}</button>"
    return f'<form method="post" action="{escape(action)}" novalidate>\n{inside}{button}\n</form>\n'


def summary(errors: Errors, language: Language) -> str:
    """What a screen reader says first when a form comes back."""
    if not errors:
        return ""
    told = Text("Quelque chose ne va pas : voyez ci-dessous.", "Something is wrong: see below.")
    return f'<p class="problem" role="alert">{escape(say(errors.get("", told), language))}</p>\n'


def _group(one: Field, language: Language, errors: Errors, prefix: str, control: Control) -> str:
    name = f"{prefix}{one.name}"
    label = escape(say(one.label, language))
    if one.optional:
        label += f" <small>({escape(say(one.optional, language))})</small>"
    about = [f"{name}-hint"] if one.hint else []
    about += [f"{name}-error"] if one.name in errors else []
    described = {"aria-describedby": " ".join(about)} if about else {}
    if one.name in errors:
        described["aria-invalid"] = "true"
        if one.name == next(iter(errors)):
            described["autofocus"] = ""  # readers begin with the first of them
    hint = f'<p class="hint" id="{name}-hint">{escape(say(one.hint, language))}</p>' if one.hint else ""
    inside = f'<label for="{name}">{label}</label>{hint}{_error(one, language, errors, prefix)}{control(described)}'
    return f'<div class="field">{inside}</div>\n'


def _error(one: Field, language: Language, errors: Errors, prefix: str) -> str:
    if one.name not in errors:
        return ""
    return f'<p class="problem" id="{prefix}{one.name}-error">{escape(say(errors[one.name], language))}</p>'


def _attributes(one: Field, prefix: str, more: Mapping[str, str]) -> str:
    wanted = {"id": f"{prefix}{one.name}", "name": one.name, **one.attributes, **more}
    said = "".join(f' {name}="{escape(value)}"' for name, value in wanted.items())
    return said if one.optional else f"{said} required"
