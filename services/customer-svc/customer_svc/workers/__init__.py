"""What is mended later: nothing here is needed for a message to have its effect."""
