"""Statistics that find faults in the data of a lab; pure functions of tables."""
