import second_two
