from fc.state import flag
