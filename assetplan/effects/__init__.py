"""What a scenario does to people and to emergency response, when, and whether it can be delivered."""
