"""Stand-ins for the outside world that misbehave as the real ones do; they live in memory and outlive a crash."""
