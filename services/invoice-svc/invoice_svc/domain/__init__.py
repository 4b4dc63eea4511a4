"""What may be done with an invoice, and when it is due, decided purely: state in, state and facts out."""
