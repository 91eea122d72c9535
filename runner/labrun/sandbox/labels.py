"""The labels containers carry, which say whose they are."""

BASE_LABEL = "labrun.sandbox"
OWNER_LABEL = "labrun.owner"  # host:pid:start time of the process that answers for it
RUN_LABEL = "labrun.run"
EPOCH_LABEL = "labrun.epoch"
PHASE_LABEL = "labrun.phase"
PRELOAD_LABEL = "labrun.preload"  # of an image: what a warm container imports ahead
UNIT_LABEL = "labrun.unit"  # one run of hidden tests, whose containers a child process starts
