import sys
del sys
sys
