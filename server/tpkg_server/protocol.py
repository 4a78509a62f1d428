"""JSON-RPC where pygls leaves a client waiting: requests that cannot be read, that come too early, or too late."""

import inspect
import json
import logging
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

_OF_TEXTS = (
    lsp.TEXT_DOCUMENT_DID_OPEN,
    lsp.TEXT_DOCUMENT_DID_CHANGE,
    lsp.TEXT_DOCUMENT_DID_CLOSE,
    lsp.NOTEBOOK_DOCUMENT_DID_OPEN,
    lsp.NOTEBOOK_DOCUMENT_DID_CHANGE,
    lsp.NOTEBOOK_DOCUMENT_DID_CLOSE,
)
_LOG = logging.getLogger(__name__)
_PARSE_ERROR = -32700
_INVALID_REQUEST = -32600
_INVALID_PARAMS = -32602
_NOT_INITIALIZED = -32002


class Protocol(LanguageServerProtocol):
    """Answers every request, also one that is wrong (LSP 3.17, Base Protocol and Lifecycle)."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # pygls keeps texts of its own, which nobody reads, and splits lines where LSP does not.
        for method in _OF_TEXTS:
            self.fm.builtin_features.pop(method, None)

    @property
    def is_shut_down(self) -> bool:
        """Whether the client has said that the session is over; only then may it end with status 0."""
        return bool(self._shutdown)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Read a message; one that cannot be read is answered here, because its id is known here only."""
        try:
            return super().structure_message(data)
        except JsonRpcException:
            if "id" in data and "method" in data:
                self.refuse(data["id"], _INVALID_PARAMS, f"the parameters of {data['method']} cannot be read")
            raise

    def handle_message(self, message: Any) -> None:
        """Refuse requests before initialize and after shutdown, and a second one; ignore notifications then."""
        method = getattr(message, "method", None)
        if isinstance(message, dict):
            self.refuse(message.get("id"), _INVALID_REQUEST, "this is not JSON-RPC 2.0")
            return
        if method is not None and method != lsp.EXIT:
            is_request = hasattr(message, "id")
            if self._workspace is None and method != lsp.INITIALIZE:
                if is_request:
                    self.refuse(message.id, _NOT_INITIALIZED, f"{method} came before initialize")
                return
            if self._workspace is not None and method == lsp.INITIALIZE and is_request:
                self.refuse(message.id, _INVALID_REQUEST, f"{method} came a second time")
                return
            if self._shutdown and is_request:
                self.refuse(message.id, _INVALID_REQUEST, f"{method} came after shutdown")
                return
        if method == lsp.WORKSPACE_EXECUTE_COMMAND:
            self._complete(message.params)
        super().handle_message(message)

    def _complete(self, params: lsp.ExecuteCommandParams) -> None:
        """Give a command the arguments that its caller left out and that have a default; pygls wants all of them."""
        handler = self.fm.commands.get(params.command)
        if handler is None:
            return
        wanted = list(inspect.signature(getattr(handler, "func", handler)).parameters.values())
        given = list(params.arguments or ())
        left_out = wanted[len(given) :]
        if left_out and all(item.default is not item.empty for item in left_out):
            params.arguments = [*given, *(item.default for item in left_out)]

    def refuse(self, msg_id: Any, code: int, message: str) -> None:
        """Answer a request with an error."""
        error = {"code": code, "message": message}
        self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "error": error})

    def refuse_text(self, error: Exception) -> None:
        """Answer what was no JSON at all."""
        if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
            self.refuse(None, _PARSE_ERROR, f"this is not JSON: {error}")
