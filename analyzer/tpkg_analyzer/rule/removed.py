"""Modules that Python's standard library no longer has, each with the version that came without it."""

_REMOVED = {
    "3.9": "_dummy_threading dummy_threading",
    "3.10": "formatter parser symbol",
    "3.11": "binhex",
    "3.12": "asynchat asyncore distutils imp smtpd",
    "3.13": "aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr "
    "spwd sunau telnetlib uu xdrlib",
}
REMOVED_IN = {name: version for version, names in _REMOVED.items() for name in names.split()}
