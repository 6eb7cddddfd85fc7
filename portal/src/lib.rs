//! Is reached: the API, gateway callbacks and the explorer.
