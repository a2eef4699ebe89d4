"""What a figure is: the numbers it rests on and how it is explained; and the published rules and figures of money."""
