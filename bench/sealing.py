"""Sealing: attestations drawn and sealed, against the bare RSA-3072 signature and against pyHanko's own way on the same page."""

import argparse
import asyncio
import io
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import pikepdf
from asn1crypto.keys import PrivateKeyInfo
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from seal.attestation import Attestation, Issuer, Particular
from seal.authority import UnsafeDevelopmentAuthority
from seal.filling import fill
from seal.sealing import Sealer
from seal.timestamps import asn1_certificate
from seal.typesetting import Page

NAMES = ("ČAPKOVÁ", "de La Tour d’Auvergne", "N’Guyen", "Ó Súilleabháin", "Müller-Lefèvre", "Østergård", "Œuvrard", "Yılmaz")
AT = datetime(2026, 7, 10, 9, tzinfo=UTC)
ROUNDS = 5

MODEL = Attestation(
    id=UUID(int=1),
    version=1,
    issuer=Issuer("Registre de mesure", "110043015", "NTRFR-110043015"),
    birth_name=NAMES[0],
    given_names=("Éléonore", "Marie"),
    birth_date="2008-03-12",
    birth_place="Besançon",
    birth_country="France",
    family="BAC_GENERAL",
    family_label="Baccalauréat général",
    title="Baccalauréat général",
    session=2026,
    academy="03",
    academy_name="Besançon",
    particulars=(Particular("mention", "Mention", "Honours", "Très bien", "Very good"),),
    issued_at=AT,
    control_key="ABCD-EFGH",
    link="https://attestations.example/v#AAAAAAAAAAAAAAAAAAAAAA",
    site="attestations.example",
    salt=bytes(32),
)


def attestations(count: int) -> list[Attestation]:
    """Some of one family, all different."""
    return [
        replace(MODEL, id=UUID(int=number), birth_name=NAMES[number % len(NAMES)], salt=number.to_bytes(32))
        for number in range(1, count + 1)
    ]


@dataclass
class Office:
    """What a process that seals has."""

    authority: UnsafeDevelopmentAuthority
    sealer: Sealer
    page: Page

    @staticmethod
    async def open(folder: Path) -> "Office":
        """Its keys, its page, and the templates drawn."""
        authority = UnsafeDevelopmentAuthority.open(folder, MODEL.issuer.name, MODEL.issuer.siren, AT)
        office = Office(authority, await Sealer.of(authority.seals), Page.of())
        office.seal(attestations(len(NAMES)))
        return office

    def seal(self, these: Iterable[Attestation]) -> int:
        """Draws and seals (B-B); the bytes that it made."""
        return sum(len(self.sealer.seal(fill(each, self.page), AT).content()) for each in these)


OFFICES: list[Office] = []


def begin(folder: Path) -> None:
    """Prepares a worker process."""
    OFFICES.append(asyncio.run(Office.open(folder)))


def share(count: int) -> int:
    """What a worker process does of the whole."""
    return OFFICES[0].seal(attestations(count))


async def measure(given: argparse.Namespace) -> None:
    """Prints microseconds of processor time a document and documents a second, by part and by processes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        office = await Office.open(folder)
        await _parts(office, given.size)
        for processes in (1, 2):
            _whole(folder, processes, given.size)
        await _stops(folder, given.size)


async def _parts(office: Office, size: int) -> None:
    these, page = attestations(size), office.page
    drafts = [fill(each, page) for each in these]
    sealed = [office.sealer.seal(draft, AT) for draft in drafts]
    key, form = office.authority.issued_seals[0].key, office.sealer.forms[0]
    message, stamps = form.signed(sealed[0].digest), office.authority.timestamps(AT)
    unsealed, stock = _unsealed(sealed[0].content()), _stock(office)

    async def each(work: Callable[[int], Any]) -> None:
        for number in range(size):
            work(number)

    async def tokens() -> None:
        for document in sealed[:few]:
            document.content(await stamps.token(document.signature))

    async def stocks() -> None:
        for _ in range(few):
            await stock(unsealed)

    few = max(size // 25, 4)
    ways: dict[str, tuple[int, Callable[[], Awaitable[None]]]] = {
        "bare RSA-3072 signature": (size, lambda: each(lambda _: key.sign(message))),
        "fill": (size, lambda: each(lambda number: fill(these[number], page))),
        "digest": (size, lambda: each(lambda number: drafts[number].at(AT).digest())),
        "splice": (size, lambda: each(lambda number: sealed[number].content())),
        "seal of a draft": (size, lambda: each(lambda number: office.sealer.seal(drafts[number], AT).content())),
        "drawn and sealed": (size, lambda: each(lambda number: office.seal(these[number : number + 1]))),
        "time stamp by the development authority": (few, tokens),
        "pyHanko seals the same page": (few, stocks),
    }
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, (count, work) in ways.items():
            began = time.process_time()
            await work()
            taken[way].append((time.process_time() - began) / count * 1e6)
    medians = {way: median(times) for way, times in taken.items()}
    bare, whole = medians["bare RSA-3072 signature"], medians["drawn and sealed"]
    for way, micros in medians.items():
        print(f"{way:<40} {micros:>9,.0f} µs  {micros / bare:>7.2f} × bare  {1e6 / micros:>8,.0f}/s")
    print(
        f"pyHanko takes {medians['pyHanko seals the same page'] / whole:.0f} times as long; {len(sealed[0].content()):,} bytes a document"
    )


def _unsealed(pdf: bytes) -> bytes:
    """The same page, its field of the seal empty."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root: Any = document.Root
        del root.AcroForm.Fields[0]["/V"]
        del root["/Perms"]
        written = io.BytesIO()
        document.save(written)
    return written.getvalue()


def _stock(office: Office) -> Callable[[bytes], Awaitable[object]]:
    """pyHanko as its documentation shows it, the signer made once."""
    issued = office.authority.issued_seals[0]
    encoded = issued.key.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    certificate = asn1_certificate(issued.certificate)
    signer = SimpleSigner(certificate, PrivateKeyInfo.load(encoded), SimpleCertificateStore())
    metadata = PdfSignatureMetadata(
        "Cachet", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256", certify=True, docmdp_permissions=MDPPerm.NO_CHANGES
    )

    async def seal(pdf: bytes) -> object:
        return await PdfSigner(metadata, signer).async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))

    return seal


async def _stops(folder: Path, size: int) -> None:
    """The longest stop of an event loop that answers, as the application's does, while documents are sealed in processes beside it."""
    loop, longest, over = asyncio.get_running_loop(), [0.0, 0.0], asyncio.Event()

    async def tick(which: int) -> None:
        last = loop.time()
        while not over.is_set():
            await asyncio.sleep(0.001)
            now = loop.time()
            longest[which] = max(longest[which], now - last - 0.001)
            last = now

    with ExitStack() as stack:
        workers = [stack.enter_context(ProcessPoolExecutor(1, get_context("spawn"), begin, (folder,))) for _ in range(2)]
        await asyncio.gather(*(loop.run_in_executor(worker, share, len(NAMES)) for worker in workers))
        quiet = asyncio.create_task(tick(0))
        await asyncio.sleep(1)
        over.set()
        await quiet
        over.clear()
        busy = asyncio.create_task(tick(1))
        await asyncio.gather(*(loop.run_in_executor(worker, share, size // 2) for worker in workers))
        over.set()
        await busy
    print(
        f"longest stop of an event loop while {size} are sealed by two processes: {longest[1] * 1000:.1f} ms "
        f"({longest[0] * 1000:.1f} ms while nothing is)"
    )


def _whole(folder: Path, processes: int, size: int) -> None:
    """Documents drawn and sealed a second, by several processes at once."""
    with ExitStack() as stack:
        workers = [stack.enter_context(ProcessPoolExecutor(1, get_context("spawn"), begin, (folder,))) for _ in range(processes)]
        for ready in [worker.submit(share, len(NAMES)) for worker in workers]:
            ready.result()
        began = time.perf_counter()
        for done in [worker.submit(share, 2 * size) for worker in workers]:
            done.result()
        taken = time.perf_counter() - began
    print(f"{processes} process{'es' if processes > 1 else ''}: {processes * 2 * size / taken:,.0f} documents/s drawn and sealed")
