"""`qbwc-server replay`: a bundle somebody sent, run again in the simulator."""
