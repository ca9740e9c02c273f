// A typedoc plugin. Methods of operations have a type `(...args: [exponent: number]) => SharedVariable`, derived from
// what they do on plain numbers; here it becomes `(exponent: number) => SharedVariable`, as editors show it.
import {
  Converter,
  NamedTupleMember,
  ParameterReflection,
  ReflectionFlag,
  ReflectionKind,
  TupleType,
} from "typedoc";

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_SIGNATURE, (_context, signature) => {
    const [rest, ...others] = signature.parameters ?? [];
    if (!rest?.flags.isRest || others.length > 0 || !(rest.type instanceof TupleType)) return;
    const members = rest.type.elements;
    if (!members.every((member) => member instanceof NamedTupleMember)) return;
    signature.parameters = members.map(({ name, element, isOptional }) => {
      const parameter = new ParameterReflection(name, ReflectionKind.Parameter, signature);
      parameter.type = element;
      parameter.setFlag(ReflectionFlag.Optional, isOptional);
      return parameter;
    });
  });
}
