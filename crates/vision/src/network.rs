//! One network: a fixed picture in, named tensors out.

use std::sync::Arc;

use rten::{Model, NodeId, RunOptions, ThreadPool};
use rten_tensor::NdTensor;
use thiserror::Error;

/// A network that cannot be loaded or run: the weights do not belong to this version.
#[derive(Debug, Error)]
pub enum NetworkError {
    /// The weights could not be loaded.
    #[error("the {network} network could not be loaded: {reason}")]
    Load {
        /// Which of the two.
        network: &'static str,
        /// What the engine said.
        reason: String,
    },
    /// The network failed to run or answered in another shape than agreed.
    #[error("the {network} network failed: {reason}")]
    Run {
        /// Which of the two.
        network: &'static str,
        /// What the engine said.
        reason: String,
    },
}

/// The threads that a network runs on: all cores together, or one of its own.
#[derive(Clone, Default)]
pub(crate) struct Threads(Option<Arc<ThreadPool>>);

impl Threads {
    pub(crate) fn one() -> Self {
        Self(Some(Arc::new(ThreadPool::with_num_threads(1))))
    }
}

/// A loaded network with one input, `image`, and `N` named outputs.
pub(crate) struct Network<const N: usize> {
    name: &'static str,
    model: Model,
    input: NodeId,
    outputs: [NodeId; N],
}

impl<const N: usize> Network<N> {
    pub(crate) fn load(
        name: &'static str,
        weights: &'static [u8],
        outputs: [&str; N],
    ) -> Result<Self, NetworkError> {
        let failed = |reason: String| NetworkError::Load {
            network: name,
            reason,
        };
        let model = Model::load_static_slice(weights).map_err(|e| failed(e.to_string()))?;
        let node = |id: &str| model.node_id(id).map_err(|e| failed(e.to_string()));
        let input = node("image")?;
        let mut ids = [input; N];
        for (id, output) in ids.iter_mut().zip(outputs) {
            *id = node(output)?;
        }
        Ok(Self {
            name,
            model,
            input,
            outputs: ids,
        })
    }

    /// Runs the network on n pictures, n x 3 x height x width; each output comes back flat, in
    /// row-major order.
    pub(crate) fn run(
        &self,
        image: NdTensor<f32, 4>,
        threads: &Threads,
    ) -> Result<[Vec<f32>; N], NetworkError> {
        let options = threads
            .0
            .clone()
            .map(|pool| RunOptions::default().with_thread_pool(Some(pool)));
        let values = self
            .model
            .run_n(vec![(self.input, image.into())], self.outputs, options)
            .map_err(|e| self.failed(e.to_string()))?;
        let mut flat = [const { Vec::new() }; N];
        for (out, value) in flat.iter_mut().zip(values) {
            let tensor: rten_tensor::Tensor<f32> = value
                .try_into()
                .map_err(|_| self.failed("an output is not of 32-bit floats".to_owned()))?;
            *out = tensor.into_data();
        }
        Ok(flat)
    }

    pub(crate) fn failed(&self, reason: String) -> NetworkError {
        NetworkError::Run {
            network: self.name,
            reason,
        }
    }
}
