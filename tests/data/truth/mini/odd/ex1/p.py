import unittest
raise unittest.SkipTest("p")
