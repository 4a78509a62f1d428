from .d import MyErr
raise MyErr("e")
