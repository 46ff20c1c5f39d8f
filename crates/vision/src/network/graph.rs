//! From an ONNX file to the layers that are computed.
//!
//! A network is a chain of convolutions with what belongs to them: cuts at zero (`Relu`), additions,
//! and enlargements. What stands before the first convolution and after the last one, the product
//! does by itself; so it is only compared with what this version does there. What is not known how
//! to compute is refused, never guessed.

use std::collections::{BTreeSet, HashMap};

use rten_onnx::onnx::{AttributeProto, DataType, GraphProto, ModelProto, NodeProto, TensorProto};

use super::convolution::{Convolution, Kernel};
use super::map::Shape;

/// What stands around a network's convolutions in its file, each operator named once, sorted.
pub(crate) struct Around {
    pub(crate) before: &'static [&'static str],
    pub(crate) after: &'static [&'static str],
}

/// The layers of a network, in the order in which they are computed. Maps are told by their place
/// in `maps`: the picture is the first, what the last layer makes is the last.
pub(super) struct Layers {
    pub(super) maps: Vec<Shape>,
    pub(super) steps: Vec<Step>,
}

pub(super) enum Step {
    Convolve {
        layer: Convolution,
        from: usize,
        added: Option<usize>,
        to: usize,
    },
    /// A map twice enlarged, each value repeated, is added to a finer one.
    Enlarge {
        coarse: usize,
        fine: usize,
        to: usize,
    },
}

/// Reads the layers of a network.
pub(super) fn layers(file: &[u8], around: &Around, lanes: usize) -> Result<Layers, String> {
    let model = ModelProto::parse_buf(file).map_err(|e| e.to_string())?;
    let graph = model.graph.ok_or("there is no graph in it")?;
    let mut reading = Reading::of(&graph, lanes)?;
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    for (i, node) in graph.node.iter().enumerate() {
        match operator(node) {
            _ if reading.done[i] => {}
            "Constant" => {}
            "Conv" => reading.convolution(node)?,
            "Resize" => reading.enlargement(node)?,
            other if reading.layers.steps.is_empty() => _ = before.insert(other),
            other => _ = after.insert(other),
        }
    }
    for (found, known) in [(before, around.before), (after, around.after)] {
        if !found.iter().eq(known) {
            return Err(format!(
                "around its convolutions stand {found:?}, not {known:?}"
            ));
        }
    }
    Ok(reading.layers)
}

struct Reading<'a> {
    nodes: &'a [NodeProto],
    /// The nodes that were taken up by one before them.
    done: Vec<bool>,
    tensors: HashMap<&'a str, &'a TensorProto>,
    /// Which nodes read a value.
    readers: HashMap<&'a str, Vec<usize>>,
    /// The maps that are known so far, by the name of their value.
    maps: HashMap<&'a str, usize>,
    picture: Shape,
    lanes: usize,
    layers: Layers,
}

impl<'a> Reading<'a> {
    fn of(graph: &'a GraphProto, lanes: usize) -> Result<Self, String> {
        let mut tensors: HashMap<&str, &TensorProto> = HashMap::new();
        for tensor in &graph.initializer {
            tensors.insert(tensor.name.as_deref().unwrap_or_default(), tensor);
        }
        let mut readers: HashMap<&str, Vec<usize>> = HashMap::new();
        for (i, node) in graph.node.iter().enumerate() {
            for input in &node.input {
                readers.entry(input).or_default().push(i);
            }
            let value = attribute(node, "value").and_then(|value| value.t.as_ref());
            if let (Some(tensor), Some(name)) = (value, node.output.first()) {
                tensors.insert(name, tensor);
            }
        }
        Ok(Self {
            nodes: &graph.node,
            done: vec![false; graph.node.len()],
            tensors,
            readers,
            maps: HashMap::new(),
            picture: picture(graph).ok_or("its input is no picture of a fixed size")?,
            lanes,
            layers: Layers {
                maps: Vec::new(),
                steps: Vec::new(),
            },
        })
    }

    /// A convolution, with the addition and the cut that follow it.
    fn convolution(&mut self, node: &'a NodeProto) -> Result<(), String> {
        let from = self.map(input(node, 0)?)?;
        let weights = Weights::of(self.tensor(input(node, 1)?)?)?;
        let &[outputs, inputs, height, width] = weights.dims.as_slice() else {
            return Err(format!(
                "{:?} are no weights of a convolution",
                weights.dims
            ));
        };
        let bias = Weights::of(self.tensor(input(node, 2)?)?)?;
        let shape = self.layers.maps[from];
        let groups = integer(node, "group").unwrap_or(1);
        let by_channel = groups > 1;
        let fits = if by_channel {
            groups == outputs && groups == shape.channels && inputs == 1
        } else {
            inputs == shape.channels
        };
        let beyond = pair(node, "pads", 0)?;
        if !fits || bias.values.len() != outputs || pair(node, "dilations", 1)? != [1, 1] {
            return Err(format!(
                "a convolution of {:?} on {} channels is not known",
                weights.dims, shape.channels
            ));
        }
        let mut value = output(node)?;
        let mut added = None;
        let mut cut = false;
        if let Some((i, next)) = self.only_reader(value, "Add")
            && let Some(other) = next.input.iter().find(|name| *name != value)
            && let Some(&map) = self.maps.get(other.as_str())
        {
            added = Some(map);
            value = output(next)?;
            self.done[i] = true;
        }
        if let Some((i, next)) = self.only_reader(value, "Relu") {
            cut = true;
            value = output(next)?;
            self.done[i] = true;
        }
        let kernel = Kernel {
            weights: &weights.values,
            bias: &bias.values,
            inputs,
            outputs,
            size: [height, width],
            stride: pair(node, "strides", 1)?,
            beyond,
            by_channel,
        };
        let (layer, shape) = Convolution::new(&kernel, cut, shape, self.lanes)?;
        if added.is_some_and(|map| self.layers.maps[map] != shape) {
            return Err("maps of two sizes are added".to_owned());
        }
        let to = self.new_map(value, shape);
        self.layers.steps.push(Step::Convolve {
            layer,
            from,
            added,
            to,
        });
        Ok(())
    }

    /// An enlargement, with the addition that follows it.
    fn enlargement(&mut self, node: &'a NodeProto) -> Result<(), String> {
        let coarse = self.map(input(node, 0)?)?;
        let scales = Weights::of(self.tensor(input(node, 2)?)?)?.values;
        let text = |name| attribute(node, name).and_then(|a| a.s.as_deref());
        let repeated = text("mode") == Some("nearest")
            && text("nearest_mode") == Some("floor")
            && text("coordinate_transformation_mode") == Some("asymmetric");
        if scales != [1.0, 1.0, 2.0, 2.0] || !repeated {
            return Err("it enlarges in a way that is not known".to_owned());
        }
        let value = output(node)?;
        let Some((i, next)) = self.only_reader(value, "Add") else {
            return Err("an enlarged map is not added to another".to_owned());
        };
        let fine = next.input.iter().find(|name| *name != value);
        let fine = self.map(fine.ok_or("a map is added to itself")?)?;
        let [small, shape] = [coarse, fine].map(|map| self.layers.maps[map]);
        if shape != Shape::inner(2 * small.height, 2 * small.width, small.channels) {
            return Err("maps of two sizes are added".to_owned());
        }
        self.done[i] = true;
        let to = self.new_map(output(next)?, shape);
        (self.layers.steps).push(Step::Enlarge { coarse, fine, to });
        Ok(())
    }

    /// The map of a value that layers made; the first that is asked for is the picture.
    fn map(&mut self, value: &'a str) -> Result<usize, String> {
        if self.layers.maps.is_empty() {
            let picture = self.picture;
            return Ok(self.new_map(value, picture));
        }
        (self.maps.get(value).copied()).ok_or_else(|| format!("no layer makes {value}"))
    }

    fn new_map(&mut self, value: &'a str, shape: Shape) -> usize {
        let map = self.layers.maps.len();
        self.layers.maps.push(shape);
        self.maps.insert(value, map);
        map
    }

    fn tensor(&self, name: &str) -> Result<&'a TensorProto, String> {
        (self.tensors.get(name).copied()).ok_or_else(|| format!("there are no weights {name}"))
    }

    /// The node that alone reads a value, when it is of this kind.
    fn only_reader(&self, value: &str, kind: &str) -> Option<(usize, &'a NodeProto)> {
        match self.readers.get(value)?.as_slice() {
            &[i] => Some((i, &self.nodes[i])).filter(|(_, node)| operator(node) == kind),
            _ => None,
        }
    }
}

/// Numbers of a tensor.
struct Weights {
    dims: Vec<usize>,
    values: Vec<f32>,
}

impl Weights {
    fn of(tensor: &TensorProto) -> Result<Self, String> {
        let dims: Option<Vec<usize>> = tensor.dims.iter().map(|&d| d.try_into().ok()).collect();
        let values = match &tensor.raw_data {
            Some(raw) => (raw.borrow().chunks_exact(4))
                .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
                .collect(),
            None => tensor.float_data.clone(),
        };
        let dims = dims.unwrap_or_default();
        if tensor.data_type != Some(DataType::FLOAT)
            || dims.iter().product::<usize>() != values.len()
        {
            return Err("some weights are not what they say they are".to_owned());
        }
        Ok(Self { dims, values })
    }
}

/// The size of the picture that the graph takes.
fn picture(graph: &GraphProto) -> Option<Shape> {
    let tensor = graph.input.first()?.r#type.as_ref()?.tensor_type.as_ref()?;
    let side = |i: usize| usize::try_from(tensor.shape.as_ref()?.dim.get(i)?.dim_value?).ok();
    Some(Shape::picture(side(2)?, side(3)?, side(1)?))
}

fn operator(node: &NodeProto) -> &str {
    node.op_type.as_deref().unwrap_or_default()
}

fn input(node: &NodeProto, i: usize) -> Result<&str, String> {
    let name = node.input.get(i).ok_or("an operator lacks an input")?;
    Ok(name)
}

fn output(node: &NodeProto) -> Result<&str, String> {
    let name = node.output.first().ok_or("an operator lacks its output")?;
    Ok(name)
}

fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    (node.attribute.iter()).find(|attribute| attribute.name.as_deref() == Some(name))
}

fn integer(node: &NodeProto, name: &str) -> Option<usize> {
    attribute(node, name)?.i?.try_into().ok()
}

/// One number for up and down, one for left and right; where four are told, they must be the same
/// at both ends.
fn pair(node: &NodeProto, name: &str, usual: i64) -> Result<[usize; 2], String> {
    let told = attribute(node, name).map_or(&[][..], |attribute| &attribute.ints);
    let pair = match *told {
        [] => [usual, usual],
        [y, x] => [y, x],
        [top, left, bottom, right] if (top, left) == (bottom, right) => [top, left],
        _ => return Err(format!("{name} of {told:?} are not known")),
    };
    let [y, x] = pair.map(usize::try_from);
    y.and_then(|y| Ok([y, x?]))
        .map_err(|_| format!("{name} below zero"))
}
