//! From the sources on the command line to a catalog: the one place that puts the stages of a load together.
