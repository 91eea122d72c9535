"""The sandboxes there are; one backend per module."""
