def reached():
    import nothere_q.x
    import json
