"""Interrupts end what the tests start, also where a shell runs the tests in the background and has them ignored."""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
