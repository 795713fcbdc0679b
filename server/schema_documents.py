"""Whether the operations of a front end or an app go on under another schema."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    Visitor,
    get_named_type,
    parse,
    separate_operations,
    type_from_ast,
    validate,
    visit,
)

from server.graph.manifest import ManifestRefused, listed_documents
from server.schema_changes import Change, Weight


class DocumentsUnreadable(Exception):
    """Operations cannot be read: the sentence names the file, and what is wrong with it."""


@dataclass(frozen=True)
class Operation:
    """An operation with the fragments that it uses."""

    name: str
    source: str
    """The file that has it; for a manifest, with the digest."""
    document: DocumentNode


@dataclass(frozen=True)
class Broken:
    """An operation that another schema refuses, or answers with another type."""

    name: str
    source: str
    reason: str
    was_valid: bool
    """Whether the former schema took it."""


def broken_operations(
    operations: Iterable[Operation], old: GraphQLSchema, new: GraphQLSchema, changes: Iterable[Change]
) -> list[Broken]:
    """The operations that the new schema refuses, and those that a breaking change reaches although they stay valid."""
    breaking = {one.coordinate: one.text for one in changes if one.weight is Weight.BREAKING and one.coordinate}
    found: list[Broken] = []
    for operation in operations:
        was_valid = not validate(old, operation.document)
        reasons = [error.message for error in validate(new, operation.document)]
        if was_valid and not reasons:
            used = _used(old, operation.document)
            reasons = [text for where, text in breaking.items() if where in used or where.partition(".")[0] in used]
        if reasons:
            found.append(Broken(operation.name, operation.source, reasons[0], was_valid))
    return found


def _used(schema: GraphQLSchema, document: DocumentNode) -> set[str]:
    """The coordinates of the fields that an operation selects, and the names of the input types that its variables are made of."""
    info, used = TypeInfo(schema), set[str]()

    class Using(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            used.add(f"{info.get_parent_type()}.{node.name.value}")

        def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> None:
            ahead = [type_from_ast(schema, node.type)]
            while ahead:
                type_ = get_named_type(ahead.pop())
                if type_ is not None and type_.name not in used:
                    used.add(type_.name)
                    if isinstance(type_, GraphQLInputObjectType):
                        ahead += [field.type for field in type_.fields.values()]

    visit(document, TypeInfoVisitor(info, Using()))
    return used


def read_operations(paths: Iterable[Path]) -> list[Operation]:
    """The operations of folders (every `*.graphql` below them), of documents, and of manifests of trusted documents (`.json`).

    Fragments are shared by what is read together, as code generators take them. Raises `DocumentsUnreadable`.
    """
    texts = dict(chain.from_iterable(_texts(path) for path in paths))
    parsed = {source: _executable(source, text) for source, text in texts.items()}
    shared = {
        one.name.value: one for definitions in parsed.values() for one in definitions if isinstance(one, FragmentDefinitionNode)
    }
    return [operation for source, own in parsed.items() for operation in _separated(source, own, shared)]


def _separated(
    source: str, own: Collection[ExecutableDefinitionNode], shared: Mapping[str, FragmentDefinitionNode]
) -> Iterator[Operation]:
    named = {one.name.value for one in own if isinstance(one, FragmentDefinitionNode)}
    whole = DocumentNode(definitions=(*own, *(one for name, one in shared.items() if name not in named)))
    for name, document in separate_operations(whole).items():
        yield Operation(name or "(anonymous)", source, document)


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    if path.suffix == ".json" and not path.is_dir():
        try:
            yield from ((f"{path}, {digest}", text) for digest, text in listed_documents(path).items())
        except ManifestRefused as refused:
            raise DocumentsUnreadable(str(refused)) from refused
        return
    files = sorted(path.rglob("*.graphql")) if path.is_dir() else [path]
    if not files:
        raise DocumentsUnreadable(f"{path}: this folder holds no document (*.graphql)")
    for file in files:
        try:
            yield str(file), file.read_text("utf-8")
        except OSError as error:
            raise DocumentsUnreadable(f"{file}: this file cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise DocumentsUnreadable(f"{file}: a document is text in UTF-8") from error


def _executable(source: str, text: str) -> list[ExecutableDefinitionNode]:
    """Its operations and fragments: a schema may lie among a front end's documents."""
    try:
        document = parse(text, no_location=True)
    except GraphQLError as error:
        raise DocumentsUnreadable(f"{source}: this is no GraphQL document ({error.message})") from error
    return [one for one in document.definitions if isinstance(one, ExecutableDefinitionNode)]
