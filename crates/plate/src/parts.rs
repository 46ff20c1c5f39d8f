//! Probabilities as they are stored.

/// Probabilities are kept in parts of this, so that what is stored is exactly what is computed
/// with, and a position takes a few bytes.
pub(crate) const UNIT: u16 = u16::MAX;

/// A probability in parts.
pub(crate) fn quantise(p: f64) -> u16 {
    // Rounded down, so that the parts never add up to more than the whole.
    (p.clamp(0.0, 1.0) * f64::from(UNIT)).floor() as u16
}

/// Parts as a probability.
pub(crate) fn probability(parts: u16) -> f64 {
    f64::from(parts) / f64::from(UNIT)
}
