"""Archives whose bytes depend on their contents alone: sorted, owned by root, dated by SOURCE_DATE_EPOCH."""

import gzip
import io
import os
import tarfile
import time
import zipfile
from pathlib import Path

DATE = int(os.environ.get("SOURCE_DATE_EPOCH", "315532800"))  # 1980, the first year that a zip file knows


class Folder:
    """Files in memory, with their modes, below one name."""

    def __init__(self, name: str = ""):
        self.prefix = name + "/" if name else ""
        self.files: dict[str, tuple[bytes, int]] = {}

    def text(self, name: str, text: str, mode: int = 0o644):
        self.files[self.prefix + name] = (text.encode(), mode)

    def tree(self, name: str, source: Path):
        """All files below `source`; executable ones stay so. There are no links in a bundled tree."""
        for path in sorted(source.rglob("*")):
            if path.is_symlink():
                raise ValueError(f"a symbolic link in the tree: {path}")
            if path.is_file():
                mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
                self.files[f"{self.prefix}{name}/{path.relative_to(source)}" if name else
                           f"{self.prefix}{path.relative_to(source)}"] = (path.read_bytes(), mode)

    def write_tar(self, target: Path) -> Path:
        with target.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=DATE) as packed, \
                tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name, (data, mode) in sorted(self.files.items()):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode, entry.mtime = len(data), mode, DATE
                entry.uname = entry.gname = "root"
                tar.addfile(entry, io.BytesIO(data))
        return target

    def write_zip(self, target: Path) -> Path:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, (data, mode) in self.files.items():
                entry = zipfile.ZipInfo(name, time.gmtime(DATE)[:6])
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = (0o100000 | mode) << 16
                archive.writestr(entry, data)
        return target
