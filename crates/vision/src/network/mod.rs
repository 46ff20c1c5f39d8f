//! One network: a picture in, a map out.
//!
//! The networks are chains of convolutions, so this computes convolutions and little else, on one
//! thread, with the widest vectors the processor has. It is faster than an engine for all networks
//! because places keep their values together, so that nothing is laid out anew for a product
//! ([`product`]), and because most kernels are of 3 x 3 places, which take a quarter of the
//! multiplications when they are computed in tiles ([`winograd`]). The tests hold what it computes
//! against such an engine.

mod by_channel;
mod convolution;
mod direct;
mod graph;
mod map;
mod product;
mod winograd;

use std::mem;
use std::sync::{Mutex, PoisonError};

use rten_simd::SimdOp;
use thiserror::Error;

pub(crate) use graph::Around;
pub(crate) use map::{Map, Shape};

use convolution::{Computing, Work};
use graph::{Layers, Step};

/// A network that cannot be loaded or used: its weights do not belong to this version.
#[derive(Debug, Error)]
pub enum NetworkError {
    /// The weights could not be loaded.
    #[error("the {network} network could not be loaded: {reason}")]
    Load {
        /// Which of them.
        network: &'static str,
        /// What is wrong with them.
        reason: String,
    },
    /// A picture could not be brought to the network's size.
    #[error("the {network} network failed: {reason}")]
    Run {
        /// Which of them.
        network: &'static str,
        /// What went wrong.
        reason: String,
    },
}

/// A loaded network.
pub(crate) struct Network {
    name: &'static str,
    layers: Layers,
    /// Memory of runs that are over, for the next ones: as much as ever ran at once.
    memory: Mutex<Vec<Memory>>,
}

/// What one run computes in.
struct Memory {
    maps: Vec<Map>,
    work: Work,
}

impl Network {
    /// Loads a network that makes a map of the second shape from a picture of the first.
    pub(crate) fn load(
        name: &'static str,
        file: &[u8],
        around: &Around,
        (picture, made): (Shape, (usize, usize, usize)),
    ) -> Result<Self, NetworkError> {
        let failed = |reason: String| NetworkError::Load {
            network: name,
            reason,
        };
        let layers = graph::layers(file, around, product::lanes()).map_err(failed)?;
        let made = Shape::inner(made.0, made.1, made.2);
        let ends = [layers.maps.first(), layers.maps.last()];
        if ends != [Some(&picture), Some(&made)] {
            return Err(failed(format!(
                "it makes {ends:?}, not {picture:?} to {made:?}"
            )));
        }
        Ok(Self {
            name,
            layers,
            memory: Mutex::default(),
        })
    }

    /// Runs the network on the picture that `draw` draws; `look` is shown what it makes of it.
    pub(crate) fn run<T>(&self, draw: impl FnOnce(&mut Map), look: impl FnOnce(&Map) -> T) -> T {
        let kept = || self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let memory = kept().pop();
        let mut memory = memory.unwrap_or_else(|| self.memory());
        draw(&mut memory.maps[0]);
        for step in &self.layers.steps {
            memory.run(step);
        }
        let seen = look(&memory.maps[memory.maps.len() - 1]);
        kept().push(memory);
        seen
    }

    fn memory(&self) -> Memory {
        let layers = self.layers.steps.iter().filter_map(|step| match step {
            Step::Convolve { layer, .. } => Some(layer),
            Step::Enlarge { .. } => None,
        });
        Memory {
            maps: self.layers.maps.iter().copied().map(Map::new).collect(),
            work: Work::enough(layers),
        }
    }

    /// How many multiplications with addition a run takes.
    #[cfg(feature = "measure")]
    pub(crate) fn multiplications(&self) -> usize {
        let steps = self.layers.steps.iter();
        let each = steps.map(|step| match step {
            Step::Convolve { layer, .. } => layer.multiplications,
            Step::Enlarge { .. } => 0,
        });
        each.sum()
    }

    pub(crate) fn failed(&self, reason: String) -> NetworkError {
        NetworkError::Run {
            network: self.name,
            reason,
        }
    }
}

impl Memory {
    fn run(&mut self, step: &Step) {
        let (Step::Convolve { to, .. } | Step::Enlarge { to, .. }) = *step;
        let mut made = mem::replace(&mut self.maps[to], Map::taken());
        match step {
            Step::Convolve {
                layer, from, added, ..
            } => {
                let computing = Computing {
                    layer,
                    from: &self.maps[*from],
                    added: added.map(|map| &self.maps[map]),
                    to: &mut made,
                    work: &mut self.work,
                };
                computing.dispatch();
            }
            Step::Enlarge { coarse, fine, .. } => {
                enlarge(&self.maps[*coarse], &self.maps[*fine], &mut made);
            }
        }
        self.maps[to] = made;
    }
}

/// Each value of the coarse map four times, added to the finer map's.
fn enlarge(coarse: &Map, fine: &Map, to: &mut Map) {
    let step = to.shape.step;
    for y in 0..to.shape.height {
        for x in 0..to.shape.width {
            let at = to.shape.at(y, x);
            let far = &coarse.values[coarse.shape.at(y / 2, x / 2)..][..step];
            let near = &fine.values[at..][..step];
            for ((sum, near), far) in to.values[at..][..step].iter_mut().zip(near).zip(far) {
                *sum = near + far;
            }
        }
    }
}
