"""From a report to text: one renderer a file, `escape` the only door for untrusted text."""
