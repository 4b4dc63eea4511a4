"""HaloPSA: accounts are its clients, with the phone and the address of each client's main site."""
