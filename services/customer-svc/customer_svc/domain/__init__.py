"""What may be done with an end customer, decided purely: state in, state and facts out."""
