"""What is measured, one file per question; each prints one JSON object as its last line and judges nothing."""
