class MyErr(ImportError): pass
try:
    raise MyErr
except ImportError:
    pass
