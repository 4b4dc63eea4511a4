"""ConnectWise PSA (Manage), REST 3.0, as far as accounts are read and changed."""
