import second_one
