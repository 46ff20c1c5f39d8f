//! The web pages over the station
