"""What a file says of itself outside its page: XMP (ISO 16684-1), the information dictionary, the identifiers."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID
from xml.sax.saxutils import escape

from seal.draft import MOMENT

# PDF/UA's own property is described, as PDF/A wants of any that XMP does not define (ISO 19005-3, 6.6.2.3).
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>fr</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>Parchemin</xmp:CreatorTool>
<xmp:CreateDate>{date}</xmp:CreateDate>
<xmp:ModifyDate>{date}</xmp:ModifyDate>
<xmpMM:DocumentID>{document}</xmpMM:DocumentID>
<xmpMM:InstanceID>{instance}</xmpMM:InstanceID>
<pdfaid:part>3</pdfaid:part>
<pdfaid:conformance>A</pdfaid:conformance>
<pdfuaid:part>1</pdfuaid:part>
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True)
class Description:
    """A document's title, author, identifier and date, and the SHA-256 of the template and data that it is made of."""

    title: str
    author: str
    id: UUID
    issued_at: datetime
    made_of: bytes

    @staticmethod
    def of(title: str, author: str, document: UUID, issued_at: datetime, template: bytes, attached: bytes) -> "Description":
        """The description of a document made of this data by the template of that digest."""
        return Description(title, author, document, issued_at, sha256(template + attached).digest())

    def xmp(self) -> bytes:
        """The packet of metadata."""
        return XMP.format(
            title=escape(self.title),
            author=escape(self.author),
            date=self.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            document=self.id.urn,
            instance="ni:///sha-256;" + urlsafe_b64encode(self.made_of).decode().rstrip("="),  # RFC 6920
        ).encode()

    def information(self) -> bytes:
        """The information dictionary, which says no more than the packet."""
        return b"<</Title%b/Author%b/Creator(Parchemin)/CreationDate(%b)/ModDate(%b)>>" % (
            _text(self.title), _text(self.author), self.date(), self.date(),
        )  # fmt: skip

    def identifiers(self) -> bytes:
        """The two identifiers of a file (ISO 32000-1, 14.4): of the diploma, and of what the file is made of."""
        return b"[<%b><%b>]" % (self.id.hex.encode(), self.made_of[:16].hex().encode())

    def date(self) -> bytes:
        """The date of issue (ISO 32000-1, 7.9.4)."""
        return b"D:%bZ" % self.issued_at.strftime(MOMENT).encode()


def _text(value: str) -> bytes:
    """A text string (ISO 32000-1, 7.9.2.2)."""
    return b"<FEFF%b>" % value.encode("utf-16-be").hex().encode()
