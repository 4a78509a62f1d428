"""A look at the entries of an archive before anything is loaded from it.

Finds what is damaged or was made to mislead: it says nothing about what the code and pickles in an archive do.
"""

import zipfile
from collections import Counter
from collections.abc import Iterator

from tpkg_runtime.archive.errors import ArchiveError
from tpkg_runtime.archive.records import RecordReader
from tpkg_runtime.archive.zipread import ZipReader


def problems_of(reader: RecordReader) -> list[str]:
    """Return what is wrong with an archive, one sentence for each problem; an empty list where nothing is.

    Checks names (absolute, leading outside, repeated, differing only by case), sizes (entries that overlap or claim
    more than there is), encryption, and the checksum of every entry.
    """
    problems = [*_names(reader)]
    if isinstance(reader, ZipReader):
        problems += _entries(reader)
    for record in reader.names():
        try:
            reader.read(record)
        except ArchiveError as error:
            problems.append(str(error))
    return problems


def _names(reader: RecordReader) -> Iterator[str]:
    for record in reader.names():
        parts = record.split("/")
        if any(part in {"", ".", ".."} for part in parts) or "\\" in record or "\0" in record or ":" in parts[0]:
            yield f"record {record!r} has a name that could lead out of a folder"
    folded = Counter(record.casefold() for record in reader.names())
    for name, count in folded.items():
        if count > 1:
            yield f"{count} records differ from '{name}' by case only"


def _entries(reader: ZipReader) -> Iterator[str]:
    entries = reader.entries()
    for name, count in Counter(entry.filename for entry in entries).items():
        if count > 1:
            yield f"entry '{name}' is there {count} times"
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.flag_bits & 1:
            yield f"entry '{entry.filename}' is encrypted"
        if entry.header_offset < end:
            yield f"entry '{entry.filename}' overlaps the one before it"
        end = max(end, entry.header_offset + len(entry.orig_filename) + entry.compress_size + 30)
        if entry.compress_type == zipfile.ZIP_STORED and entry.compress_size != entry.file_size:
            yield f"entry '{entry.filename}' is stored, but its two sizes differ"
    if end > reader.size_on_disk:
        yield "entries reach beyond the end of the file"
