"""Extracting an archive to a folder."""

import os

from tpkg_runtime.archive.opening import Source, open_archive
from tpkg_runtime.archive.targets import DirectoryWriter


def extract(archive: Source, folder: str | os.PathLike[str]) -> None:
    """Write each record of a package as a file of a new folder, which a PackageImporter opens as well.

    Nothing is written outside of the folder, and on any error nothing at all. Raises ArchiveError, FileExistsError,
    and ValueError for a record whose name leads outside.
    """
    reader = open_archive(archive)
    writer = DirectoryWriter(folder)
    try:
        for record in reader.names():
            writer.write(record, reader.read(record))
        writer.commit()
    finally:
        writer.abort()
        reader.close()
