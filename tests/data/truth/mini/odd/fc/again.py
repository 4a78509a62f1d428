import fc.once
