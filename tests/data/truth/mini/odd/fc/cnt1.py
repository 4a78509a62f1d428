from fc import state
state.flag = True
