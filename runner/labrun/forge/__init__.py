"""The servers that hold pull requests, told of a grade through their API."""
