"""`tpkg-lint server`: the options, the log, the transport."""

import argparse
import contextlib
import logging
import sys
from pathlib import Path

_LEVELS = ("error", "warning", "info", "debug")
_LAST_PORT = 65535
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def arguments() -> argparse.ArgumentParser:
    """Return the options of the command."""
    made = argparse.ArgumentParser(prog="tpkg-lint server", description="Speak the Language Server Protocol.")
    transport = made.add_mutually_exclusive_group()
    transport.add_argument("--stdio", action="store_true", help="on standard input and output (the default)")
    transport.add_argument("--tcp", metavar="HOST:PORT", type=_address, help="on a socket, for one client; to debug")
    made.add_argument("--log-file", type=Path, metavar="FILE", help="where the log goes (default: standard error)")
    made.add_argument("--log-level", choices=_LEVELS, default="warning", help="how much is logged")
    return made


def main(words: list[str]) -> int:
    """Serve one client until it leaves; return the exit status that LSP asks for."""
    options = arguments().parse_args(words)
    try:
        log = logging.FileHandler(options.log_file, encoding="utf-8") if options.log_file else logging.StreamHandler()
    except OSError as error:
        return _refused(f"cannot write the log to {options.log_file}: {error.strerror or error}")
    logging.basicConfig(level=options.log_level.upper(), format=_FORMAT, handlers=[log])
    if options.log_level != "debug":
        logging.getLogger("pygls").setLevel(logging.ERROR)

    import asyncio  # only for who serves, not for who reads the options

    try:
        return asyncio.run(_serve(options.tcp))
    except KeyboardInterrupt:
        return 1


async def _serve(address: tuple[str, int] | None) -> int:
    from tpkg_server.worker.process import Process

    # The worker loads its half while this process loads the other.
    worker = None
    with contextlib.suppress(OSError):  # else the first question starts one, and tells what is wrong
        worker = await Process.start()
    from tpkg_server.server import TpkgServer

    server = TpkgServer()
    if worker is not None:
        server.analysis.spare.adopt(worker)
    try:
        if address is None:
            await server.serve_stdio()
        else:
            try:
                await server.serve_tcp(*address)
            except OSError as error:
                return _refused(f"{error.strerror or error}; name another HOST:PORT")
    finally:
        # A client may go without a word; what is left of processes when the loop is closed complains of that.
        await server.analysis.close()
    return 0 if server.protocol.is_shut_down else 1


def _refused(reason: str) -> int:
    print(f"tpkg-lint server: {reason}", file=sys.stderr)
    return 2


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    if int(port) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"there is no port {port}; the last one is {_LAST_PORT}")
    return host or "127.0.0.1", int(port)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
