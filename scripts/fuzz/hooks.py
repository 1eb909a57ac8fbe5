"""What JSON Schema can't say of our values, said to schemathesis."""

import re
import uuid

import schemathesis
from hypothesis import strategies as st

# At most 72 bytes of UTF-8 in its NFKC form: characters of one byte are sure to fit.
schemathesis.openapi.format("password", st.from_regex(r"[ -~]{8,72}", fullmatch=True))


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers or {}
    # A key that was used with another body is refused, and rightly so: each call gets one of its own.
    key = headers.get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch(r"[!-~]{1,255}", key):
        headers["Idempotency-Key"] = key[:200] + uuid.uuid4().hex
    # The version that a user has can't be known, and another is refused: this matches any.
    if "If-Match" in headers:
        headers["If-Match"] = "*"
